package io.registrycenter.e2e.overload;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** One HTTP/2 connection that begins and then waits to be told something. Confined to its thread. */
final class Caller {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** Length 0, type 4, no flags, stream 0. */
    private static final byte[] NO_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int LONGEST_FRAME_BYTES = 16 * 1024;

    /** What became of it. */
    enum Fate {
        /** It was let in, and is still in at the end. */
        SERVED,
        /** GOAWAY with ENHANCE_YOUR_CALM, and why. */
        TOLD,
        /** Not accepted, or not answered, in the time. */
        WAITED,
        /**
         * Ended before a byte of the server, which greets whoever it accepts: by the kernel, whose queue of connections that
         * wait to be accepted was full (with SYN cookies it resets, without it is silent).
         */
        OVERFLOWED,
        /** Accepted, and closed or reset without the word: what must not happen. */
        DROPPED
    }

    private Caller() {}

    /** Connects and stays until the deadline, a {@link System#nanoTime}, or until it is told to go. */
    static Fate call(int port, long deadline) {
        boolean greeted = false;
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Math.max(1, leftMs(deadline)));
            OutputStream out = socket.getOutputStream();
            out.write(PREFACE);
            out.write(NO_SETTINGS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (leftMs(deadline) > 0) {
                socket.setSoTimeout(leftMs(deadline));
                int type = frame(in);
                greeted |= type == SETTINGS;
                if (type == GOAWAY) {
                    return Fate.TOLD;
                }
            }
            return greeted ? Fate.SERVED : Fate.WAITED;
        } catch (SocketTimeoutException waited) {
            return greeted ? Fate.SERVED : Fate.WAITED;
        } catch (IOException dropped) {
            return greeted ? Fate.DROPPED : Fate.OVERFLOWED;
        }
    }

    private static int leftMs(long deadline) {
        return (int) Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }

    /** Reads one frame; its type, GOAWAY only for the code that is expected. */
    private static int frame(DataInputStream in) throws IOException {
        int lengthHigh = in.readUnsignedShort();
        int length = lengthHigh << 8 | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        in.readUnsignedByte();
        in.readInt();
        if (length > LONGEST_FRAME_BYTES) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        if (type == GOAWAY && payload[7] != ENHANCE_YOUR_CALM) {
            throw new EOFException("GOAWAY with code " + payload[7]);
        }
        if (type == PING) {
            return PING;
        }
        return type;
    }
}
