package io.registrycenter.http;

import io.registrycenter.drain.Drain;
import io.registrycenter.drain.DrainStatus;
import io.registrycenter.drain.DrainStatus.Requester;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * {@code /actuator/drain}: GET says how the drain stands, POST begins it or joins it, DELETE cancels it.
 *
 * <p>A cancel that comes too late is answered with 409. GET waits for nothing; the other two may wait for a step of the drain
 * that is under way, so they happen where waiting is allowed.
 */
@WebEndpoint(id = "drain")
public final class DrainEndpoint {

    private final Drain drain;

    public DrainEndpoint(Drain drain) {
        this.drain = drain;
    }

    @ReadOperation
    public Mono<DrainStatus> status() {
        return Mono.fromSupplier(drain::status);
    }

    /** The server stays up, drained, until its process is told to stop. */
    @WriteOperation
    public Mono<DrainStatus> begin() {
        return Mono.fromSupplier(() -> {
                    var unused = drain.begin(Requester.OPERATOR);
                    return drain.status();
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    @DeleteOperation
    public Mono<WebEndpointResponse<Object>> cancel() {
        return Mono.<WebEndpointResponse<Object>>fromSupplier(() -> {
                    boolean serves = drain.cancel();
                    DrainStatus status = drain.status();
                    return serves
                            ? new WebEndpointResponse<>(status)
                            : new WebEndpointResponse<>(
                                    tooLate(status), HttpStatus.CONFLICT.value(), MediaType.APPLICATION_PROBLEM_JSON);
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static ProblemDetail tooLate(DrainStatus status) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.CONFLICT,
                status.requestedBy() == Requester.SHUTDOWN
                        ? "the process is stopping: this cannot be taken back"
                        : "clients were sent away already: let the drain end, then restart the server");
        problem.setTitle("The drain cannot be cancelled");
        problem.setProperty("state", status.state());
        problem.setProperty("connectionsSentAway", status.connectionsSentAway());
        return problem;
    }
}
