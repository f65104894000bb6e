package io.registrycenter.http;

import io.registrycenter.observe.sockets.SocketAdvice;
import io.registrycenter.observe.sockets.SocketFacts;
import io.registrycenter.observe.sockets.SocketReader;
import io.registrycenter.observe.sockets.TcpState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** {@code /actuator/tcp}: what the kernel knows about this server's sockets, and what of it stands out. */
@Endpoint(id = "tcp")
public class TcpEndpoint {

    private final SocketReader sockets;

    public TcpEndpoint(SocketReader sockets) {
        this.sockets = sockets;
    }

    /**
     * The facts, at most a few seconds old; where the system tells none, only that.
     *
     * @param findings a sentence for each thing that stands out
     * @param counters of the whole network namespace, other processes included
     */
    public record Answer(
            boolean available,
            List<String> findings,
            @Nullable Descriptors descriptors,
            @Nullable Map<TcpState, Integer> connections,
            @Nullable Integer acceptQueue,
            @Nullable Backlog sendBacklog,
            SocketFacts.@Nullable Counters counters,
            SocketFacts.@Nullable Counters sinceStart) {}

    /** File descriptors of this process. */
    public record Descriptors(long open, long limit) {}

    /** Connections whose other end takes too little, and the bytes that wait for it. */
    public record Backlog(int sockets, long bytes) {}

    @ReadOperation
    public Mono<Answer> show() {
        return Mono.fromCallable(this::answer).subscribeOn(Schedulers.boundedElastic());
    }

    private Answer answer() {
        return sockets.facts()
                .map(facts -> new Answer(
                        true,
                        SocketAdvice.of(facts),
                        new Descriptors(facts.descriptors(), facts.descriptorLimit()),
                        facts.inOrder(),
                        facts.acceptQueue(),
                        new Backlog(facts.backlogSockets(), facts.backlogBytes()),
                        facts.counters(),
                        facts.sinceStart()))
                .orElseGet(() -> new Answer(
                        false,
                        List.of("This system has no /proc to read sockets from: only Linux tells."),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null));
    }
}
