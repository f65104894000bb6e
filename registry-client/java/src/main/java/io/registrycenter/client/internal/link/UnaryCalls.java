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

/** Unary calls with a deadline, whose one answer arrives on the serial executor. Confined to the serial executor. */
public final class UnaryCalls {

    /** Called once, on the serial executor. */
    public interface Answer<R> {
        void response(R response);

        void failure(RegistryException failure);
    }

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

    public <Q, R> void call(String target, MethodDescriptor<Q, R> method, Q request, Answer<R> answer) {
        serial.check();
        ClientCall<Q, R> call = channels.ready(target)
                .newCall(method, CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
        call.start(new One<>(serial, () -> findings.reached(target), answer), new Metadata());
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    private static final class One<R> extends ClientCall.Listener<R> {
        private final Serial serial;
        private final Runnable reached;
        private final Answer<R> answer;
        private @Nullable R response;

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
            serial.execute(() -> {
                if (status.isOk() && got != null) {
                    reached.run();
                    answer.response(got);
                } else if (status.isOk()) {
                    answer.failure(Failures.of(Status.INTERNAL.withDescription("no answer"), trailers));
                } else {
                    answer.failure(Failures.of(status, trailers));
                }
            });
        }
    }
}
