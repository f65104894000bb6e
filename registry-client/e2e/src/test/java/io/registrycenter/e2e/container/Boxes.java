package io.registrycenter.e2e.container;

import java.nio.file.Path;
import org.testcontainers.DockerClientFactory;

/**
 * The one place that chooses whether a program runs in a container or as a plain process. A container it is where a system
 * property names an image and an engine answers; {@code .ci/engine} sees to both. With {@code containers.required=true} an engine
 * that does not answer is a failure.
 */
final class Boxes {

    private Boxes() {}

    /** A program, not yet started. Says how it will run. */
    static Box of(Recipe recipe, Path directory) {
        String image = System.getProperty(recipe.image(), "");
        if (image.isEmpty()) {
            return process(recipe, directory, "-D" + recipe.image() + " names no image");
        }
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            if (Boolean.getBoolean("containers.required")) {
                throw new AssertionError("containers.required=true, but no container engine answers");
            }
            return process(recipe, directory, "no container engine answers");
        }
        System.out.println(recipe.program() + ": in a container of " + image);
        return new ContainerBox(recipe, image);
    }

    private static Box process(Recipe recipe, Path directory, String why) {
        System.out.println(recipe.program() + ": a plain process, " + why);
        return new ProcessBox(recipe, directory);
    }
}
