package io.registrycenter.client.internal.link;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.internal.wire.Failures;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unary calls with a deadline, whose one answer arrives on the serial executor. Confined to the serial executor. */
public final class UnaryCalls {

    /** Called once, on the serial executor; a {@link #response} that throws is followed by {@link #failure}. */
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
        One<R> one = new One<>(target, answer);
        try {
            ClientCall<Q, R> call = one.over(channels.ready(target))
                    .newCall(method, CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
            one.call = call;
            call.start(one, new Metadata());
            call.request(2);
            call.sendMessage(request);
            call.halfClose();
        } catch (Throwable fault) {
            log.debug("A call to {} failed on this side", target, fault);
            one.failed(Failures.thrown(fault));
        }
    }

    /** One call, until it is answered. What gRPC tells comes from its threads, the rest is on the serial executor. */
    private final class One<R> extends ClientCall.Listener<R> implements Connection.User {
        private final String target;
        private final Answer<R> answer;
        private @Nullable ClientCall<?, R> call;
        private @Nullable Connection connection;
        private Serial.@Nullable Timer proof;
        private @Nullable R response;
        private boolean answered;

        One(String target, Answer<R> answer) {
            this.target = target;
            this.answer = answer;
        }

        ManagedChannel over(Connection ready) {
            connection = ready;
            ready.add(this);
            return ready.channel();
        }

        @Override
        public void onMessage(R message) {
            response = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            R got = response;
            serial.execute(() -> {
                if (answered) {
                    return;
                }
                try {
                    settle(status, trailers, got);
                } catch (Throwable fault) {
                    log.error("A fault in taking an answer, which counts as none", fault);
                    answered = false;
                    once(() -> answer.failure(Failures.thrown(fault)));
                }
            });
        }

        private void settle(Status status, Metadata trailers, @Nullable R got) {
            if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
                judge(CloseCause.CLIENT_DEADLINE);
            }
            if (status.isOk() && got != null) {
                reached();
                once(() -> answer.response(got));
            } else if (status.isOk()) {
                failed(Failures.of(Status.INTERNAL.withDescription("no answer"), trailers));
            } else {
                failed(Failures.of(status, trailers));
            }
        }

        private void reached() {
            if (connection != null) {
                connection.heard();
            }
            findings.reached(target);
        }

        private void judge(CloseCause cause) {
            if (connection != null) {
                connection.remove(this);
                channels.ended(connection, cause);
            }
        }

        /** An answer may take its time, but not on a connection where nothing comes any more. */
        @Override
        public void prove() {
            Connection over = connection;
            if (answered || proof != null || over == null) {
                return;
            }
            long doubtedNanos = serial.nanoTime();
            proof = serial.schedule(Connection.PROOF, () -> {
                proof = null;
                if (!over.heardSince(doubtedNanos)) {
                    failed(Failures.of(
                            Status.UNAVAILABLE.withDescription("nothing comes over the connection any more"), null));
                    cancel();
                }
            });
        }

        private void cancel() {
            if (call != null) {
                call.cancel("the connection is dead", null);
            }
        }

        void failed(RegistryException failure) {
            serial.execute(() -> once(() -> answer.failure(failure)));
        }

        private void once(Runnable telling) {
            if (answered) {
                return;
            }
            answered = true;
            if (connection != null) {
                connection.remove(this);
            }
            if (proof != null) {
                proof.cancel();
                proof = null;
            }
            telling.run();
        }
    }
}
