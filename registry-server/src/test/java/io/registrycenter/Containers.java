package io.registrycenter;

import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.ImagePullPolicy;
import org.testcontainers.images.PullPolicy;
import org.testcontainers.utility.DockerImageName;

/**
 * The one place that chooses whether tests take a program from a container or start it as a plain process. A container it is
 * where a system property names an image and an engine answers; {@code .ci/engine} sees to both. With
 * {@code containers.required=true} an engine that does not answer is a failure.
 *
 * <p>Images are those the engine has: none is pulled but with {@code containers.pull=true}.
 */
public final class Containers {

    private Containers() {}

    /** The image for a program; empty: a plain process. Says which. */
    public static Optional<DockerImageName> image(String program, String property) {
        String name = System.getProperty(property, "");
        if (name.isEmpty()) {
            return process(program, "-D" + property + " names no image");
        }
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            if (Boolean.getBoolean("containers.required")) {
                throw new AssertionError("containers.required=true, but no container engine answers");
            }
            return process(program, "no container engine answers");
        }
        System.out.println(program + ": in containers of " + name);
        return Optional.of(DockerImageName.parse(name));
    }

    public static ImagePullPolicy pullPolicy() {
        return Boolean.getBoolean("containers.pull") ? PullPolicy.defaultPolicy() : image -> false;
    }

    private static Optional<DockerImageName> process(String program, String why) {
        System.out.println(program + ": plain processes, " + why);
        return Optional.empty();
    }
}
