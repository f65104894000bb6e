package io.registrycenter.http;

import io.registrycenter.catalog.Refusal;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Refusals to RFC 9457 problems: the one place. Everything else is Spring's own problem, without the fault's message. */
@RestControllerAdvice
public class Problems {

    @ExceptionHandler
    public ResponseEntity<ProblemDetail> refused(Refusal refusal) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status(refusal), String.valueOf(refusal.getMessage()));
        HttpHeaders headers = new HttpHeaders();
        switch (refusal) {
            case Refusal.InvalidInput bad -> {
                problem.setProperty("field", bad.field());
                problem.setProperty("value", bad.value());
                problem.setProperty("rule", bad.rule());
            }
            case Refusal.LimitExceeded limit -> {
                problem.setProperty("limit", limit.limit());
                problem.setProperty("allowed", limit.allowed());
                problem.setProperty("value", limit.actual());
                if (!limit.field().isEmpty()) {
                    problem.setProperty("field", limit.field());
                }
            }
            case Refusal.Unavailable unavailable -> {
                problem.setProperty("cause", unavailable.closeCause().name());
                headers.set(
                        HttpHeaders.RETRY_AFTER,
                        Long.toString(Math.max(1, unavailable.retryAfter().toSeconds())));
            }
            case Refusal.SessionUnknown ignored -> {}
            case Refusal.NotHolder ignored -> {}
            case Refusal.Fenced ignored -> {}
        }
        return ResponseEntity.of(problem).headers(headers).build();
    }

    private static HttpStatus status(Refusal refusal) {
        return switch (refusal) {
            case Refusal.InvalidInput ignored -> HttpStatus.BAD_REQUEST;
            case Refusal.SessionUnknown ignored -> HttpStatus.NOT_FOUND;
            case Refusal.NotHolder ignored -> HttpStatus.CONFLICT;
            case Refusal.Fenced ignored -> HttpStatus.CONFLICT;
            case Refusal.LimitExceeded ignored -> HttpStatus.TOO_MANY_REQUESTS;
            case Refusal.Unavailable ignored -> HttpStatus.SERVICE_UNAVAILABLE;
        };
    }
}
