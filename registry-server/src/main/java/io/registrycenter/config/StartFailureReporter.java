package io.registrycenter.config;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/** Says on standard error, in one sentence, why the server did not start; leaves unknown faults to Spring Boot's reporter. */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class StartFailureReporter implements SpringBootExceptionReporter {

    private final Environment environment;

    /** @param context null when there is none yet */
    public StartFailureReporter(@Nullable ConfigurableApplicationContext context) {
        this.environment = context == null ? new StandardEnvironment() : context.getEnvironment();
    }

    @Override
    public boolean reportException(Throwable failure) {
        StartFailure known = StartFailure.of(failure, environment);
        if (known == null) {
            return false;
        }
        System.err.println(known.sentence());
        return true;
    }
}
