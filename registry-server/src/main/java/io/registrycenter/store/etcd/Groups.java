package io.registrycenter.store.etcd;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.registrycenter.store.etcd.wire.KVGrpc;
import io.registrycenter.store.etcd.wire.RequestOp;
import io.registrycenter.store.etcd.wire.TxnRequest;
import io.registrycenter.store.etcd.wire.TxnResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends commits that are ready at the same time in one transaction of etcd, one inside it for each: a proposal, a forced write
 * and a round trip for all of them. Each keeps its own guards and its own outcome; those that hold share a revision.
 *
 * <p>A commit is sent at once while fewer than {@value #UNDER_WAY} requests are under way; the others gather until one of those is
 * answered. etcd looks at every guard before it writes anything, so commits of which one guards what another writes must not
 * meet here: {@link CommitOrder} lets the later one wait.
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
    private static final int UNDER_WAY = 4;

    /** Half of the operations that etcd allows on a transaction with those inside it ({@code --max-txn-ops}, 128). */
    private static final int MOST = 64;

    /** A part of what etcd takes as one request ({@code --max-request-bytes}, 1.5 MiB), and of what a watcher is sent at once. */
    private static final int MOST_BYTES = 256 << 10;

    private final Calls calls;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final ArrayDeque<Member> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private int underWay;

    /** Falls where etcd was told to take less. */
    @GuardedBy("lock")
    private int most = MOST;

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
        List<Member> group = new ArrayList<>(Math.min(most, waiting.size()));
        Set<ByteString> written = new HashSet<>();
        int bytes = 0;
        for (Member next = waiting.peek(); next != null && group.size() < most; next = waiting.peek()) {
            bytes += next.request().getSerializedSize();
            if (!group.isEmpty() && (bytes > MOST_BYTES || !addAll(written, next.request()))) {
                break;
            }
            addAll(written, next.request());
            group.add(waiting.remove());
        }
        return group;
    }

    /** etcd takes no transaction that writes a key twice, wherever in it. False when the commit would; then nothing is added. */
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
        TxnRequest request = group.size() == 1 ? group.getFirst().request() : joined(group);
        long deadline = group.stream().mapToLong(Member::deadline).min().orElseThrow();
        var unused = calls.once(KVGrpc.getTxnMethod(), request, deadline, false).whenComplete((response, failure) -> {
            if (failure != null) {
                refused(group.size(), Troubles.status(failure));
            }
            // etcd is given the next before anybody is told of this one.
            send(next());
            for (int i = 0; i < group.size(); i++) {
                if (failure != null) {
                    group.get(i).failed(failure, group.size() > 1);
                } else {
                    TxnResponse own = group.size() == 1
                            ? response
                            : response.getResponses(i).getResponseTxn();
                    group.get(i).answered(own, response.getHeader().getRevision());
                }
            }
        });
    }

    private static TxnRequest joined(List<Member> group) {
        TxnRequest.Builder request = TxnRequest.newBuilder();
        for (Member member : group) {
            request.addSuccess(RequestOp.newBuilder().setRequestTxn(member.request()));
        }
        return request.build();
    }

    /** Groups are smaller from now on where that may be the reason; nobody is worse off, each is sent alone next. */
    private void refused(int size, Status status) {
        if (size == 1 || status.getCode() != Status.Code.INVALID_ARGUMENT) {
            return;
        }
        lock.lock();
        try {
            if (size / 2 < most) {
                most = size / 2;
                LOG.warn(
                        "etcd refuses {} commits in one transaction ({}): {} from now on. Its --max-txn-ops should be 128 or more,"
                                + " its --max-request-bytes 1 MiB or more",
                        size,
                        status.getDescription(),
                        most);
            }
        } finally {
            lock.unlock();
        }
    }
}
