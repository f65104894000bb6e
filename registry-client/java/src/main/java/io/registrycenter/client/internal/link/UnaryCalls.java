package io.registrycenter.client.internal.link;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.wire.Failures;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unary calls with a deadline, whose one answer arrives on the serial executor. Confined to the serial executor. */
public final class UnaryCalls {

    /** Called once, on the serial executor. */
    public interface Answer<R> {
        void response(R response);

        void failure(RegistryException failure);
    }

    private static final Logger log = LoggerFactory.getLogger(UnaryCalls.class);

    private final Serial serial;
    private final Channels channels;
    private final Findings findings;
    private final Duration deadline;

    public UnaryCalls(Serial serial, Channels channels, Findings findings, Duration deadline) {
        this.serial = serial;
        this.channels = channels;
        this.findings = findings;
        this.deadline = deadline;
    }

    /** Makes the call; whatever is thrown meanwhile is its failure, told like any other: later, not from in here. */
    public <Q, R> void call(String target, MethodDescriptor<Q, R> method, Q request, Answer<R> answer) {
        serial.check();
        One<R> one = new One<>(serial, () -> findings.reached(target), answer);
        try {
            ClientCall<Q, R> call = channels.ready(target)
                    .newCall(method, CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
            call.start(one, new Metadata());
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        } catch (Throwable fault) {
            log.debug("A call to {} failed on this side", target, fault);
            one.failed(Failures.thrown(fault));
        }
    }

    private static final class One<R> extends ClientCall.Listener<R> {
        private final Serial serial;
        private final Runnable reached;
        private final Answer<R> answer;
        private @Nullable R response;
        private boolean answered;

        One(Serial serial, Runnable reached, Answer<R> answer) {
            this.serial = serial;
            this.reached = reached;
            this.answer = answer;
        }

        @Override
        public void onMessage(R message) {
            response = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            R got = response;
            if (status.isOk() && got != null) {
                once(() -> {
                    reached.run();
                    answer.response(got);
                });
            } else if (status.isOk()) {
                failed(Failures.of(Status.INTERNAL.withDescription("no answer"), trailers));
            } else {
                failed(Failures.of(status, trailers));
            }
        }

        /** Any thread. */
        void failed(RegistryException failure) {
            once(() -> answer.failure(failure));
        }

        private void once(Runnable telling) {
            serial.execute(() -> {
                if (!answered) {
                    answered = true;
                    telling.run();
                }
            });
        }
    }
}
