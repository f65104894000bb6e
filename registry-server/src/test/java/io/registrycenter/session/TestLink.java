package io.registrycenter.session;

import io.registrycenter.catalog.ClientInfo;
import io.registrycenter.catalog.CloseCause;
import io.registrycenter.catalog.Cursor;
import io.registrycenter.catalog.InstanceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A stream of a client: sends through its executor like a transport does, and keeps what it was told. */
final class TestLink implements SessionOutlet {

    private final Executor executor;
    final SessionLink link;

    final List<Cursor> heartbeats = new ArrayList<>();
    final Map<InstanceKey, Loss> lost = new LinkedHashMap<>();
    final List<CloseCause> drains = new ArrayList<>();
    final List<CloseCause> expired = new ArrayList<>();
    private @Nullable Opened opened;
    private @Nullable SessionEnd end;

    TestLink(Sessions sessions, Executor executor) {
        this.executor = executor;
        link = sessions.attach(this);
    }

    /** Why an instance was lost, which must have been told. */
    LostReason lostReason(InstanceKey key) {
        Loss loss = lost.get(key);
        if (loss == null) {
            throw new AssertionError("nothing was told of " + key + ", only of " + lost);
        }
        return loss.reason();
    }

    void open(Duration ttl) {
        executor.execute(() -> link.open(ttl, ClientInfo.UNKNOWN));
    }

    void resume(String sessionId, long fence, String attempt) {
        resume(sessionId, fence, attempt, null);
    }

    void resume(String sessionId, long fence, String attempt, @Nullable Cursor from) {
        executor.execute(() -> link.resume(sessionId, fence, attempt, ClientInfo.UNKNOWN, from));
    }

    void beat() {
        executor.execute(link::heartbeat);
    }

    void goodbye() {
        executor.execute(link::goodbye);
    }

    void close(CloseCause cause) {
        executor.execute(() -> link.closed(cause));
    }

    boolean isOpened() {
        return opened != null;
    }

    String id() {
        return answer().sessionId();
    }

    long fence() {
        return answer().fence();
    }

    Opened answer() {
        if (opened == null) {
            throw new AssertionError("the session was not opened; end: " + end);
        }
        return opened;
    }

    @Nullable
    SessionEnd ending() {
        return end;
    }

    @Nullable
    CloseCause endCause() {
        return end == null ? null : end.cause();
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public void opened(Opened answer) {
        alive();
        if (opened != null) {
            throw new AssertionError("opened twice");
        }
        opened = answer;
    }

    @Override
    public void heartbeat(Cursor cursor) {
        alive();
        heartbeats.add(cursor);
    }

    @Override
    public void lost(InstanceKey key, Loss loss) {
        alive();
        lost.put(key, loss);
    }

    @Override
    public void drain(CloseCause cause, Duration deadline, Duration reconnectAfter) {
        alive();
        drains.add(cause);
    }

    @Override
    public void expired(CloseCause cause) {
        alive();
        expired.add(cause);
    }

    @Override
    public void end(SessionEnd ending) {
        alive();
        end = ending;
    }

    private void alive() {
        if (end != null) {
            throw new AssertionError("told something after its end " + end);
        }
    }
}
