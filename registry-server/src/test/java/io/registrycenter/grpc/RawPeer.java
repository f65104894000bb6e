package io.registrycenter.grpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The other end of a gRPC connection, by hand: says HTTP/2 frames, or whatever else, over a bare socket. */
final class RawPeer implements AutoCloseable {

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int GOAWAY = 7;
    static final int END_STREAM = 1;
    private static final int SETTINGS = 4;
    private static final byte INITIAL_WINDOW_SIZE = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_HEADERS = 4;
    private static final int PATIENCE_MS = 20_000;

    private final Socket socket;

    /** Why the server ended the connection. */
    record Goodbye(long errorCode, String debugData) {}

    /** What the server said. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean ends() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }
    }

    RawPeer(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Over a socket that is connected; it is closed with this. */
    RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MS);
    }

    int localPort() {
        return socket.getLocalPort();
    }

    void say(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Begins HTTP/2 as a client does. */
    void greet() throws IOException {
        say(PREFACE);
        say(frame(SETTINGS, new byte[0]));
    }

    /** Likewise, and lets the server send no data on any stream. */
    void greetWithoutWindow() throws IOException {
        say(PREFACE);
        say(frame(SETTINGS, new byte[] {0, INITIAL_WINDOW_SIZE, 0, 0, 0, 0}));
    }

    void pings(int count) throws IOException {
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            flood.write(frame(PING, new byte[8]));
        }
        say(flood.toByteArray());
    }

    /** The beginning of a gRPC call, for example of {@code registrycenter.v1.WatchService/Watch}. */
    static byte[] headers(int stream, String method) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", "POST");
        literal(block, ":scheme", "http");
        literal(block, ":path", "/" + method);
        literal(block, ":authority", "localhost");
        literal(block, "te", "trailers");
        literal(block, "content-type", "application/grpc");
        return frame(HEADERS, END_HEADERS, stream, block.toByteArray());
    }

    /** HPACK without a table and without Huffman: both texts below 127 bytes. */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String text : new String[] {name, value}) {
            block.write(text.length());
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Bytes of a call, below 16 KiB. */
    static byte[] data(int stream, byte[] bytes, boolean last) {
        return frame(DATA, last ? END_STREAM : 0, stream, bytes);
    }

    /** One message as gRPC frames it: not compressed, its length, its bytes. */
    static byte[] message(byte[] bytes) {
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        framed.writeBytes(
                new byte[] {0, 0, (byte) (bytes.length >> 16), (byte) (bytes.length >> 8), (byte) bytes.length});
        framed.writeBytes(bytes);
        return framed.toByteArray();
    }

    static byte[] reset(int stream, int errorCode) {
        return frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, (byte) errorCode});
    }

    private static byte[] frame(int type, byte[] payload) {
        return frame(type, 0, 0, payload);
    }

    /** Any frame, also one that HTTP/2 does not know or allow. */
    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        frame[5] = (byte) (stream >> 24);
        frame[6] = (byte) (stream >> 16);
        frame[7] = (byte) (stream >> 8);
        frame[8] = (byte) stream;
        System.arraycopy(payload, 0, frame, 9, payload.length);
        return frame;
    }

    /** Reads until the server closes: its last GOAWAY, null when it sent none. */
    @Nullable
    Goodbye untilClosed() throws IOException {
        return read(false);
    }

    /** Reads until the server sends a GOAWAY; null when it closes without one. */
    @Nullable
    Goodbye untilGoodbye() throws IOException {
        return read(true);
    }

    private @Nullable Goodbye read(boolean first) throws IOException {
        Goodbye goodbye = null;
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.type() == GOAWAY) {
                byte[] payload = frame.payload();
                goodbye = new Goodbye(
                        payload[7] & 0xff, new String(payload, 8, payload.length - 8, StandardCharsets.US_ASCII));
                if (first) {
                    return goodbye;
                }
            }
        }
        return goodbye;
    }

    /** The next frame of the server; null when it has closed. */
    @Nullable
    Frame next() throws IOException {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            return new Frame(type, flags, stream, in.readNBytes(length));
        } catch (EOFException | SocketException closed) {
            return null;
        }
    }

    /** Lets the server send so many more bytes on a stream; on all together: 0. */
    static byte[] windowUpdate(int stream, int bytes) {
        return frame(
                WINDOW_UPDATE,
                0,
                stream,
                ByteBuffer.allocate(Integer.BYTES).putInt(bytes).array());
    }

    /** Says that it is done, and that nothing was wrong. */
    void goodbye() throws IOException {
        say(frame(GOAWAY, new byte[8]));
    }

    /** Ends the connection as a process does that is done: FIN. */
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends the connection as a process does that is killed with something unread: RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
