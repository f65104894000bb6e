package io.registrycenter.http;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import reactor.core.publisher.Mono;

/** {@code /actuator/timeouts}: every duration this server works with, and the rules between them. Fixed since the start. */
@Endpoint(id = "timeouts")
public class TimeoutsEndpoint {

    private final Answer answer;

    public TimeoutsEndpoint(List<Value> values, List<Rule> rules) {
        this.answer = new Answer(
                rules.stream().allMatch(rule -> rule.verdict() != Verdict.FAIL),
                List.copyOf(rules),
                List.copyOf(values));
    }

    /**
     * All there is.
     *
     * @param consistent whether no rule that was checked fails
     */
    public record Answer(boolean consistent, List<Rule> rules, List<Value> values) {}

    /**
     * A duration in effect.
     *
     * @param value as one would write it; null: not set
     * @param range what it may be set to
     */
    public record Value(
            String property,
            @Nullable String value,
            @Nullable Long ms,
            String range) {}

    /** How a rule came out. */
    public enum Verdict {
        PASS,
        FAIL,
        /** A value it needs is not known. */
        NOT_CHECKED
    }

    /**
     * A rule between timeouts.
     *
     * @param rule as a formula of properties
     * @param values the same with values
     * @param why what breaks when it does not hold, or why it was not checked
     */
    public record Rule(String rule, String values, Verdict verdict, String why) {}

    @ReadOperation
    public Mono<Answer> show() {
        return Mono.just(answer);
    }
}
