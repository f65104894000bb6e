package io.registrycenter.load.client;

import io.registrycenter.load.wire.Call;
import io.registrycenter.load.wire.Ending;
import io.registrycenter.load.wire.ProtoWalker.Visit;

/** One call after the other; reads of the answer only the revision, and whether it was written. Confined to the connection's loop. */
final class WriteCall extends Call {
    /** Told when a call is over. */
    interface Done {
        void done(WriteCall call, Ending ending);
    }

    private final Write write;
    private final Done done;
    private long sentNanos;
    private long revision;
    private boolean held;

    WriteCall(Write write, Done done) {
        this.write = write;
        this.done = done;
    }

    void sentAt(long nanos) {
        sentNanos = nanos;
        revision = 0;
        held = write == Write.REGISTER;
    }

    long sentNanos() {
        return sentNanos;
    }

    long revision() {
        return revision;
    }

    /** Whether it was written: etcd answers also when a guard did not hold. */
    boolean held() {
        return held;
    }

    @Override
    public Visit visit(int path, int length) {
        return path == Write.HEAD ? Visit.ENTER : Visit.SKIP;
    }

    @Override
    public void number(int path, long value) {
        if (path == write.revision) {
            revision = value;
        } else if (write == Write.TRANSACTION && path == Write.SUCCEEDED) {
            held = value == 1;
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
