package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.registrycenter.memory.OutOfMemory;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends commits that are ready at the same time in one transaction of etcd, one inside it for each: a proposal, a forced
 * write and a round trip for all of them. Each keeps its own guards and its own outcome; those that hold share a revision.
 *
 * <p>A commit is sent at once while fewer than {@value #UNDER_WAY} requests are under way; the others gather until one of
 * those is answered. etcd looks at every guard before it writes anything. So none may come here that guards what one that was
 * taken before it is yet to write ({@link CommitOrder} lets it wait), nor one that writes what it does not guard: then what
 * happens is what would have happened had they been carried out one by one, as they were taken.
 *
 * <p>For any thread; members are called on the thread that adds one, or on the one that answers.
 */
final class Groups {

    /** A commit that is ready. Each method is called at most once, but for {@link #request} and {@link #deadline}. */
    interface Member {

        /** What it would send by itself. */
        TxnRequest request();

        /** On the clock of {@link Calls}. */
        long deadline();

        /** Asked at the last moment; false: it has its answer already, and is not sent. */
        boolean goes();

        /**
         * etcd has decided.
         *
         * @param own the part of its answer that is about this commit
         * @param revision at which etcd wrote what held; otherwise a revision without a meaning
         */
        void answered(TxnResponse own, long revision);

        /**
         * It was not carried out, or nobody knows.
         *
         * @param together it was sent with others: what was refused may be their fault, or that they were so many
         */
        void failed(Throwable failure, boolean together);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Groups.class);

    /** Requests: enough that etcd has the next one when it is done with the one before, few enough that commits gather. */
    private static final int UNDER_WAY = 2;

    private static final int MOST = 64;

    /** What etcd allows as it comes ({@code --max-txn-ops}): members, and the guards or writes of the largest of them. */
    private static final int MOST_OPERATIONS = 128;

    /** A part of what etcd takes as one request ({@code --max-request-bytes}), and of what a watcher is sent at once. */
    private static final int MOST_BYTES = 256 << 10;

    private final Calls calls;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<Member> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private int underWay;

    /** Falls where etcd was told to take less. */
    @GuardedBy("lock")
    private int operations = MOST_OPERATIONS;

    Groups(Calls calls) {
        this.calls = calls;
    }

    /** Takes a commit that can be sent more than once and happens once. What waits here is bounded by {@link CommitOrder}. */
    void add(Member member) {
        List<Member> group;
        lock.lock();
        try {
            waiting.add(member);
            if (underWay >= UNDER_WAY) {
                return;
            }
            underWay++;
            group = take();
        } finally {
            lock.unlock();
        }
        send(group);
    }

    /** The next that go together, in their order; each writes other records. */
    @GuardedBy("lock")
    private List<Member> take() {
        List<Member> group = new ArrayList<>(Math.min(MOST, waiting.size()));
        Set<ByteString> written = new HashSet<>();
        int bytes = 0;
        int largest = 0;
        for (Member next = waiting.peek(); next != null; next = waiting.peek()) {
            bytes += next.request().getSerializedSize();
            largest = Math.max(largest, operations(next.request()));
            int size = group.size() + 1;
            boolean fits = size <= MOST && size + largest <= operations && bytes <= MOST_BYTES;
            // One that is too large for any group goes alone.
            if (!(fits || group.isEmpty()) || !addAll(written, next.request())) {
                break;
            }
            group.add(waiting.remove());
        }
        return group;
    }

    private static int operations(TxnRequest request) {
        return Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
    }

    /** etcd takes no transaction that writes a key twice. False when this one would; then nothing is added. */
    private static boolean addAll(Set<ByteString> written, TxnRequest request) {
        List<ByteString> keys = new ArrayList<>(request.getSuccessCount());
        for (RequestOp write : request.getSuccessList()) {
            ByteString key = write.hasRequestPut()
                    ? write.getRequestPut().getKey()
                    : write.getRequestDeleteRange().getKey();
            if (written.contains(key)) {
                return false;
            }
            keys.add(key);
        }
        written.addAll(keys);
        return true;
    }

    /** Sends what still goes of a group, or of the next when none does. */
    private void send(List<Member> first) {
        List<Member> group = first;
        while (!group.isEmpty()) {
            List<Member> going = group.stream().filter(Member::goes).toList();
            if (!going.isEmpty()) {
                sendAll(going);
                return;
            }
            group = next();
        }
    }

    /** A request is answered, or was none: the next group; empty when nothing waits. */
    private List<Member> next() {
        lock.lock();
        try {
            List<Member> group = take();
            if (group.isEmpty()) {
                underWay--;
            }
            return group;
        } finally {
            lock.unlock();
        }
    }

    private void sendAll(List<Member> group) {
        var unused = request(group).whenComplete((response, failure) -> {
            try {
                if (failure != null) {
                    refused(group, Troubles.status(failure));
                }
                // etcd is given the next before anybody is told of this one.
                send(next());
            } finally {
                tell(group, response, failure);
            }
        });
    }

    /** A member that is nearly late does not hurry the others: the one with the most time decides. */
    private CompletableFuture<TxnResponse> request(List<Member> group) {
        long deadline = group.stream().mapToLong(Member::deadline).max().orElseThrow();
        try {
            TxnRequest request = group.size() == 1 ? group.getFirst().request() : joined(group);
            return calls.once(KVGrpc.getTxnMethod(), request, deadline, false);
        } catch (RuntimeException | Error fault) {
            OutOfMemory.endIfCause(fault);
            return CompletableFuture.failedFuture(fault);
        }
    }

    private static void tell(List<Member> group, @Nullable TxnResponse response, @Nullable Throwable failure) {
        for (int i = 0; i < group.size(); i++) {
            if (response == null) {
                group.get(i).failed(Objects.requireNonNull(failure, "an answer or a failure"), group.size() > 1);
            } else {
                TxnResponse own =
                        group.size() == 1 ? response : response.getResponses(i).getResponseTxn();
                group.get(i).answered(own, response.getHeader().getRevision());
            }
        }
    }

    private static TxnRequest joined(List<Member> group) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        for (Member member : group) {
            request.addSuccess(RequestOp.newBuilder().setRequestTxn(member.request()));
        }
        return request.build();
    }

    /** Groups are smaller from now on where they were too large; nobody is worse off, each is sent alone next. */
    private void refused(List<Member> group, Status status) {
        if (group.size() == 1 || !Troubles.isTooLarge(status)) {
            return;
        }
        int largest = group.stream()
                .mapToInt(member -> operations(member.request()))
                .max()
                .orElseThrow();
        lock.lock();
        try {
            int refused = group.size() + largest;
            if (refused <= operations) {
                operations = refused / 2;
                LOG.warn(
                        "etcd refuses a transaction of {} commits ({}): smaller ones from now on. Its --max-txn-ops should be"
                                + " 128 or more, its --max-request-bytes 1 MiB or more",
                        group.size(),
                        status.getDescription());
            }
        } finally {
            lock.unlock();
        }
    }
}
