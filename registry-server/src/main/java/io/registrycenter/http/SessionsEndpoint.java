package io.registrycenter.http;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.session.BrakeState;
import io.registrycenter.session.SessionState;
import io.registrycenter.session.Sessions;
import io.registrycenter.session.SuspectFigures;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** {@code /actuator/sessions}: who is alive, who may be gone, and the expiry brake with the way to release it. */
@Endpoint(id = "sessions")
public class SessionsEndpoint {

    static final int DEFAULT_LIMIT = 100;
    static final int MAX_LIMIT = 1_000;

    private static final String RELEASE = "release";

    private final Sessions sessions;

    public SessionsEndpoint(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * The sessions this server watches over.
     *
     * @param elsewhere sessions that other servers own
     * @param adopted sessions taken over from other server processes since the start
     * @param reaped sessions of dead servers removed here since the start
     * @param truncated whether there are more suspects
     */
    public record Answer(
            Map<SessionState, Integer> counts,
            int elsewhere,
            long expired,
            long adopted,
            long reaped,
            long pauses,
            Brake brake,
            boolean truncated,
            List<Suspect> suspects) {}

    /**
     * The expiry brake.
     *
     * @param held sessions whose time is up and that it keeps
     */
    public record Brake(BrakeState state, int held, String advice) {}

    /**
     * A session without a sign of life.
     *
     * @param session the beginning of its id; the whole is a secret
     * @param leftMs until its time is up; negative when it is over and the brake holds it
     */
    public record Suspect(String session, ClientInfo client, int instances, long leftMs) {}

    /**
     * Counts, brake and suspects.
     *
     * @param limit of suspects: 1..{@value #MAX_LIMIT}, {@value #DEFAULT_LIMIT} by default
     */
    @ReadOperation
    public Mono<Answer> show(@Nullable Integer limit) {
        // Looks at every session, which takes a while when there are many.
        return Mono.fromCallable(() -> answer(Operators.limit(limit, DEFAULT_LIMIT, MAX_LIMIT)))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private Answer answer(int most) {
        Map<SessionState, Integer> counts = new EnumMap<>(SessionState.class);
        for (SessionState state : SessionState.values()) {
            counts.put(state, sessions.stats().count(state));
        }
        List<SuspectFigures> suspects = sessions.stats().suspects(most + 1);
        return new Answer(
                counts,
                sessions.stats().elsewhere(),
                sessions.stats().expired(),
                sessions.stats().adopted(),
                sessions.stats().reaped(),
                sessions.stats().pauses(),
                brake(),
                suspects.size() > most,
                suspects.stream()
                        .limit(most)
                        .map(suspect -> new Suspect(
                                suspect.session(),
                                suspect.client(),
                                suspect.instances(),
                                suspect.left().toMillis()))
                        .toList());
    }

    private Brake brake() {
        BrakeState state = sessions.stats().brake();
        return new Brake(state, sessions.stats().held(), state.advice());
    }

    /**
     * {@code POST /actuator/sessions/release}: what the brake holds goes, at its pace. 409 when it holds nothing.
     *
     * @param operation {@code release}
     */
    @WriteOperation
    public Mono<Brake> change(@Selector String operation) {
        return Mono.fromSupplier(() -> {
            if (!operation.equals(RELEASE)) {
                throw new ResponseStatusException(
                        HttpStatus.NOT_FOUND,
                        "There is no operation \"" + Operators.shown(operation) + "\", only \"" + RELEASE + "\".");
            }
            if (!sessions.release()) {
                throw new ResponseStatusException(
                        HttpStatus.CONFLICT,
                        "The expiry brake is " + sessions.stats().brake() + ": it holds nothing. "
                                + sessions.stats().brake().advice());
            }
            return new Brake(
                    BrakeState.PACED,
                    sessions.stats().held(),
                    "Released: within a second expiry goes on. " + BrakeState.PACED.advice());
        });
    }
}
