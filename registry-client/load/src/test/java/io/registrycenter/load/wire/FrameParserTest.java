package io.registrycenter.load.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameParserTest {
    /** Joins the pieces of DATA again, so that the result does not depend on them. */
    private static final class Notes implements FrameParser.Sink {
        final List<String> seen = new ArrayList<>();
        final StringBuilder data = new StringBuilder();

        @Override
        public void data(int stream, ByteBuf piece) {
            data.append(ByteBufUtil.hexDump(piece));
        }

        @Override
        public void dataEnd(int stream, int length, boolean endOfStream) {
            seen.add("data " + stream + " " + data + (endOfStream ? " end" : "") + " of " + length);
            data.setLength(0);
        }

        @Override
        public void frame(int type, int flags, int stream, ByteBuf payload) {
            seen.add(type + " " + flags + " " + stream + " " + ByteBufUtil.hexDump(payload));
        }
    }

    private static byte[] frames() {
        Outbound outbound = new Outbound();
        ByteBuf out = Unpooled.buffer();
        outbound.frame(out, 0, FrameParser.SETTINGS, FrameParser.FLAG_ACK, 0);
        outbound.frame(out, 3, FrameParser.DATA, 0, 5);
        out.writeMedium(0x010203);
        outbound.frame(out, 4, FrameParser.WINDOW_UPDATE, 0, 0);
        out.writeInt(77);
        outbound.frame(out, 0, FrameParser.DATA, FrameParser.FLAG_END_STREAM, 5);
        outbound.frame(out, 8, FrameParser.PING, 0, 0);
        out.writeLong(9);
        return ByteBufUtil.getBytes(out);
    }

    @Test
    void the_frames_do_not_depend_on_where_the_bytes_are_cut() {
        byte[] bytes = frames();
        for (int piece = 1; piece <= bytes.length; piece++) {
            Notes notes = new Notes();
            FrameParser parser = new FrameParser(notes);
            for (int at = 0; at < bytes.length; at += piece) {
                parser.feed(Unpooled.wrappedBuffer(bytes, at, Math.min(piece, bytes.length - at)));
            }
            assertThat(notes.seen)
                    .containsExactly(
                            "4 1 0 ",
                            "data 5 010203 of 3",
                            "8 0 0 0000004d",
                            "data 5  end of 0",
                            "6 0 0 0000000000000009");
        }
    }
}
