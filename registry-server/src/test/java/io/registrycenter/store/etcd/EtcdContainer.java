package io.registrycenter.store.etcd;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import io.registrycenter.Containers;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.WaitAllStrategy;
import org.testcontainers.utility.DockerImageName;

/** In a container with an address of its own; clients come through one port of the loopback address, also after a restart. */
final class EtcdContainer implements EtcdMember {

    private static final long DEADLINE_S = 20;
    private static final int CLIENT_PORT = 2379;
    private static final int PEER_PORT = 2380;

    private final int port;
    private final GenericContainer<?> container;

    /**
     * @param names of all members, by which they find each other
     * @param port of the loopback address for clients
     */
    EtcdContainer(DockerImageName image, Network network, String name, List<String> names, int port) {
        this.port = port;
        PortBinding binding =
                new PortBinding(Ports.Binding.bindIpAndPort("127.0.0.1", port), ExposedPort.tcp(CLIENT_PORT));
        String cluster = String.join(
                ",", names.stream().map(each -> each + "=" + peer(each)).toList());
        container = new GenericContainer<>(image)
                .withImagePullPolicy(Containers.pullPolicy())
                .withNetwork(network)
                .withNetworkAliases(name)
                .withExposedPorts(CLIENT_PORT)
                .withCreateContainerCmdModifier(
                        create -> Objects.requireNonNull(create.getHostConfig()).withPortBindings(binding))
                .withCommand(
                        "etcd",
                        "--name=" + name,
                        "--data-dir=/tmp/data",
                        "--listen-client-urls=http://0.0.0.0:" + CLIENT_PORT,
                        "--advertise-client-urls=" + endpoint(),
                        "--listen-peer-urls=http://0.0.0.0:" + PEER_PORT,
                        "--initial-advertise-peer-urls=" + peer(name),
                        "--initial-cluster=" + cluster,
                        "--initial-cluster-state=new",
                        "--logger=zap",
                        "--log-level=warn")
                // For nothing: a member is ready when it has a leader, and so others must have been started.
                .waitingFor(new WaitAllStrategy());
    }

    private static String peer(String name) {
        return "http://" + name + ":" + PEER_PORT;
    }

    @Override
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void start() {
        if (container.getContainerId() == null) {
            container.start();
        } else {
            docker().startContainerCmd(container.getContainerId()).exec();
        }
    }

    @Override
    public void kill() {
        docker().killContainerCmd(container.getContainerId()).exec();
        docker().waitContainerCmd(container.getContainerId())
                .exec(new WaitContainerResultCallback())
                .awaitStatusCode(DEADLINE_S, TimeUnit.SECONDS);
    }

    @Override
    public void pause() {
        docker().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void resume() {
        docker().unpauseContainerCmd(container.getContainerId()).exec();
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }

    @Override
    public void close() {
        container.stop();
    }
}
