package io.registrycenter.load.wire;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;

/**
 * One stream of a {@link Connection}: turns DATA into messages and walks them. A call that has ended may be opened
 * again, so that a unary call in a loop makes no garbage. Confined to the connection's event loop.
 */
public abstract class Call implements ProtoWalker.Sink {
    private static final int PREFIX_BYTES = 5;

    private final ProtoWalker walker = new ProtoWalker();
    /** Bytes received and not yet given back to the stream's window. */
    int unreturned;

    private int stream;
    private int prefixSeen;
    private long length;
    private boolean inMessage;

    /** A message has been walked. */
    protected abstract void messageEnd();

    /** The call is over; told once for each time it was opened. */
    protected abstract void ended(Ending ending);

    final int stream() {
        return stream;
    }

    final void opened(int id) {
        stream = id;
        unreturned = 0;
        prefixSeen = 0;
        inMessage = false;
    }

    final void data(ByteBuf piece) {
        while (piece.isReadable() || (inMessage && length == 0)) {
            if (!inMessage) {
                prefix(piece.readByte());
            } else if (walker.feed(piece, this)) {
                inMessage = false;
                prefixSeen = 0;
                messageEnd();
            }
        }
    }

    private void prefix(byte next) {
        if (prefixSeen == 0) {
            if (next != 0) {
                throw new IllegalArgumentException("a compressed message, which was not asked for");
            }
            length = 0;
        } else {
            length = length << 8 | (next & 0xFF);
        }
        if (++prefixSeen == PREFIX_BYTES) {
            inMessage = true;
            walker.begin(length);
        }
    }
}
