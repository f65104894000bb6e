package io.registrycenter.client.internal;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.grpc.MethodDescriptor;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.Cursor;
import io.registrycenter.client.InstanceList;
import io.registrycenter.client.Interest;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.RegistryException.Kind;
import io.registrycenter.client.ServiceList;
import io.registrycenter.client.internal.callback.Callbacks;
import io.registrycenter.client.internal.link.Channels;
import io.registrycenter.client.internal.link.Serial;
import io.registrycenter.client.internal.link.UnaryCalls;
import io.registrycenter.client.internal.wire.Failures;
import io.registrycenter.client.internal.wire.Words;
import io.registrycenter.proto.v1.CatalogServiceGrpc;
import io.registrycenter.proto.v1.ListInstancesRequest;
import io.registrycenter.proto.v1.ListServicesRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the registry: one call with a deadline, and, when the server cannot be reached, one repeat on another, or on the same where
 * it is the only one and has not said when to come back. A circuit breaker for each target spares calls to one that failed most of
 * the last ones. Confined to the serial executor, except
 * {@link #services} and {@link #instances}.
 */
final class Reads {

    private static final int LAST_CALLS = 20;
    private static final int JUDGED_FROM_CALLS = 10;
    private static final Duration OPEN_FOR = Duration.ofSeconds(5);

    private final Serial serial;
    private final Channels channels;
    private final UnaryCalls calls;
    private final Callbacks callbacks;
    /** The target to begin with; empty when any will do. */
    private final Supplier<String> preferred;

    private final CircuitBreakerConfig breakerConfig;
    private final Map<String, CircuitBreaker> breakers = new HashMap<>();

    Reads(Serial serial, Channels channels, UnaryCalls calls, Callbacks callbacks, Supplier<String> preferred) {
        this.serial = serial;
        this.channels = channels;
        this.calls = calls;
        this.callbacks = callbacks;
        this.preferred = preferred;
        this.breakerConfig = CircuitBreakerConfig.custom()
                .slidingWindow(LAST_CALLS, JUDGED_FROM_CALLS, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .waitDurationInOpenState(OPEN_FOR)
                .clock(new MonotonicClock(serial))
                .currentTimestampFunction(clock -> serial.nanoTime(), TimeUnit.NANOSECONDS)
                .build();
    }

    CompletableFuture<ServiceList> services(String namespace) {
        return ask(
                CatalogServiceGrpc.getListServicesMethod(),
                ListServicesRequest.newBuilder().setNamespace(namespace).build(),
                Words::services);
    }

    CompletableFuture<InstanceList> instances(Interest interest, @Nullable Cursor minCursor) {
        ListInstancesRequest.Builder request = ListInstancesRequest.newBuilder().setInterest(Words.wire(interest));
        if (minCursor != null) {
            request.setMinCursor(Words.wire(minCursor));
        }
        return ask(CatalogServiceGrpc.getListInstancesMethod(), request.build(), Words::instances);
    }

    private <Q, R, T> CompletableFuture<T> ask(MethodDescriptor<Q, R> method, Q request, Function<R, T> words) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        serial.execute(() -> {
            String first = preferred.get().isEmpty() ? channels.pick("") : preferred.get();
            call(first, method, request, words, answer, failure -> {
                String second = channels.pick(first);
                boolean askedToWait = second.equals(first) && failure.retryAfter() != null;
                if (failure.kind() == Kind.UNAVAILABLE && !askedToWait) {
                    call(second, method, request, words, answer, last -> callbacks.fail(answer, last));
                } else {
                    callbacks.fail(answer, failure);
                }
            });
        });
        return answer;
    }

    private interface OnFailure {
        void accept(RegistryException failure);
    }

    private <Q, R, T> void call(
            String target,
            MethodDescriptor<Q, R> method,
            Q request,
            Function<R, T> words,
            CompletableFuture<T> answer,
            OnFailure onFailure) {
        CircuitBreaker breaker = breakers.computeIfAbsent(target, name -> CircuitBreaker.of(name, breakerConfig));
        if (!breaker.tryAcquirePermission()) {
            onFailure.accept(RegistryException.of(
                    Kind.UNAVAILABLE,
                    CloseCause.UNKNOWN,
                    target + " failed most of its last calls and is spared for a moment",
                    Map.of(),
                    OPEN_FOR));
            return;
        }
        long started = serial.nanoTime();
        calls.call(target, method, request, new UnaryCalls.Answer<R>() {
            @Override
            public void response(R response) {
                breaker.onSuccess(serial.nanoTime() - started, TimeUnit.NANOSECONDS);
                T meaning;
                try {
                    meaning = words.apply(response);
                } catch (RuntimeException fault) {
                    callbacks.fail(answer, Failures.thrown(fault));
                    return;
                }
                callbacks.complete(answer, meaning);
            }

            @Override
            public void failure(RegistryException failure) {
                long took = serial.nanoTime() - started;
                if (failure.kind() == Kind.UNAVAILABLE || failure.kind() == Kind.DEADLINE_EXCEEDED) {
                    breaker.onError(took, TimeUnit.NANOSECONDS, failure);
                } else {
                    // It answered; what it thinks of the request is another matter.
                    breaker.onSuccess(took, TimeUnit.NANOSECONDS);
                }
                onFailure.accept(failure);
            }
        });
    }
}
