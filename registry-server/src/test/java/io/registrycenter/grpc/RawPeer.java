package io.registrycenter.grpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The other end of a gRPC connection, by hand: says HTTP/2 frames, or whatever else, over a bare socket. */
final class RawPeer implements AutoCloseable {

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int PATIENCE_MS = 20_000;

    private final Socket socket;

    /** Why the server ended the connection. */
    record Goodbye(long errorCode, String debugData) {}

    RawPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
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

    void pings(int count) throws IOException {
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            flood.write(frame(PING, new byte[8]));
        }
        say(flood.toByteArray());
    }

    private static byte[] frame(int type, byte[] payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[1] = (byte) (payload.length >> 8);
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
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
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                in.skipNBytes(5);
                byte[] payload = in.readNBytes(length);
                if (type == GOAWAY) {
                    goodbye = new Goodbye(
                            payload[7] & 0xff, new String(payload, 8, length - 8, StandardCharsets.US_ASCII));
                    if (first) {
                        return goodbye;
                    }
                }
            }
        } catch (EOFException | SocketException closed) {
            return goodbye;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
