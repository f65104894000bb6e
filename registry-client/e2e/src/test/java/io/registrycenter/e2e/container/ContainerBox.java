package io.registrycenter.e2e.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.WaitAllStrategy;
import org.testcontainers.images.PullPolicy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * A container on the host's network, since the servers it is to reach listen on the loopback address. Its image is one the
 * engine has: none is pulled but with {@code containers.pull=true}.
 */
final class ContainerBox extends Box {

    private static final long DEADLINE_S = 20;
    private static final String HOME = "/tmp";

    private final GenericContainer<?> container;

    ContainerBox(Recipe recipe, String image) {
        super(recipe);
        List<String> command = new ArrayList<>(List.of(recipe.program()));
        command.addAll(recipe.argumentsIn(HOME));
        container = new GenericContainer<>(DockerImageName.parse(image))
                .withImagePullPolicy(Boolean.getBoolean("containers.pull") ? PullPolicy.defaultPolicy() : name -> false)
                .withNetworkMode("host")
                .withCopyToContainer(Transferable.of(recipe.configuration()), HOME + "/configuration")
                .withCommand(command.toArray(String[]::new))
                // For nothing: whoever starts it asks its port.
                .waitingFor(new WaitAllStrategy());
    }

    @Override
    void run() {
        if (container.getContainerId() == null) {
            container.start();
        } else {
            docker().startContainerCmd(container.getContainerId()).exec();
        }
    }

    @Override
    void kill() {
        docker().killContainerCmd(container.getContainerId()).exec();
        docker().waitContainerCmd(container.getContainerId())
                .exec(new WaitContainerResultCallback())
                .awaitStatusCode(DEADLINE_S, TimeUnit.SECONDS);
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }

    @Override
    String errors() {
        return container.getLogs();
    }

    @Override
    public void close() {
        container.stop();
    }
}
