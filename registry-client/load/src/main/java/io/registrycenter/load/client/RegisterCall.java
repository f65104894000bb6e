package io.registrycenter.load.client;

import static io.registrycenter.load.wire.ProtoWalker.path;

import io.registrycenter.load.wire.Call;
import io.registrycenter.load.wire.Ending;
import io.registrycenter.load.wire.ProtoWalker.Visit;

/** One register call after the other; reads only the revision of the answer. Confined to the connection's loop. */
final class RegisterCall extends Call {
    private static final int CURSOR = path(1);
    private static final int CURSOR_REVISION = path(1, 2);

    /** Told when a call is over. */
    interface Done {
        void done(RegisterCall call, Ending ending);
    }

    private final Done done;
    private long sentNanos;
    private long revision;

    RegisterCall(Done done) {
        this.done = done;
    }

    void sentAt(long nanos) {
        sentNanos = nanos;
        revision = 0;
    }

    long sentNanos() {
        return sentNanos;
    }

    long revision() {
        return revision;
    }

    @Override
    public Visit visit(int path, int length) {
        return path == CURSOR ? Visit.ENTER : Visit.SKIP;
    }

    @Override
    public void number(int path, long value) {
        if (path == CURSOR_REVISION) {
            revision = value;
        }
    }

    @Override
    public void captured(int path, byte[] bytes) {}

    @Override
    public void leave(int path) {}

    @Override
    protected void messageEnd() {}

    @Override
    protected void ended(Ending ending) {
        done.done(this, ending);
    }
}
