package io.registrycenter.e2e.overload;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** One HTTP/2 connection with one call, that then waits for whatever comes. Confined to its thread. */
final class Caller {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** Length 0, type 4, no flags, stream 0. */
    private static final byte[] NO_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private static final byte[] NO_REQUEST = {0, 0, 0, 0, 0};
    private static final int LONGEST_FRAME_BYTES = 16 * 1024;

    /** What became of it. */
    enum Fate {
        /** It was let in, its call was answered, and it is still in at the end. */
        SERVED,
        /** Its call was refused by a status. */
        TOLD,
        /** Not accepted, or not answered, in the time. */
        WAITED,
        /**
         * Ended before a byte of the server, which greets whoever it accepts: by the kernel, whose queue of connections that
         * wait to be accepted was full (with SYN cookies it resets, without it is silent).
         */
        OVERFLOWED,
        /** Accepted, and closed, reset or sent away before its call was refused: what must not happen. */
        DROPPED
    }

    private Caller() {}

    /** What the server says, of which nothing but this matters. */
    private record Frame(int type, int flags) {}

    /** Connects and stays until the deadline, a {@link System#nanoTime}, or until its call is refused. */
    static Fate call(int port, long deadline) {
        boolean greeted = false;
        boolean answered = false;
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Math.max(1, leftMs(deadline)));
            OutputStream out = socket.getOutputStream();
            out.write(PREFACE);
            out.write(NO_SETTINGS);
            out.write(healthCheck());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (leftMs(deadline) > 0) {
                socket.setSoTimeout(leftMs(deadline));
                Frame frame = frame(in);
                greeted |= frame.type() == SETTINGS;
                if (frame.type() == HEADERS && !answered) {
                    answered = true;
                    // A status in place of an answer.
                    if ((frame.flags() & END_STREAM) != 0) {
                        return Fate.TOLD;
                    }
                }
                if (frame.type() == GOAWAY) {
                    return Fate.DROPPED;
                }
            }
            return answered ? Fate.SERVED : Fate.WAITED;
        } catch (SocketTimeoutException waited) {
            return answered ? Fate.SERVED : Fate.WAITED;
        } catch (IOException dropped) {
            return greeted ? Fate.DROPPED : Fate.OVERFLOWED;
        }
    }

    private static byte[] healthCheck() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", "POST");
        literal(block, ":scheme", "http");
        literal(block, ":path", "/grpc.health.v1.Health/Check");
        literal(block, ":authority", "localhost");
        literal(block, "te", "trailers");
        literal(block, "content-type", "application/grpc");
        ByteArrayOutputStream call = new ByteArrayOutputStream();
        write(call, HEADERS, END_HEADERS, block.toByteArray());
        write(call, DATA, END_STREAM, NO_REQUEST);
        return call.toByteArray();
    }

    /** HPACK without a table and without Huffman: both texts below 127 bytes. */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String text : new String[] {name, value}) {
            block.write(text.length());
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** A frame of stream 1, below 64 KiB. */
    private static void write(ByteArrayOutputStream out, int type, int flags, byte[] payload) {
        out.writeBytes(new byte[] {
            0, (byte) (payload.length >> 8), (byte) payload.length, (byte) type, (byte) flags, 0, 0, 0, 1
        });
        out.writeBytes(payload);
    }

    private static int leftMs(long deadline) {
        return (int) Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }

    private static Frame frame(DataInputStream in) throws IOException {
        int lengthHigh = in.readUnsignedShort();
        int length = lengthHigh << 8 | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        in.readInt();
        if (length > LONGEST_FRAME_BYTES) {
            throw new IOException("a frame of " + length + " bytes");
        }
        in.readFully(new byte[length]);
        return new Frame(type, flags);
    }
}
