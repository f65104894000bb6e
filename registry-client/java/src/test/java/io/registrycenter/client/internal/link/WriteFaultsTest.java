package io.registrycenter.client.internal.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reset is known for one whoever met it first, the reader or the writer. Over TCP. */
@Timeout(60)
class WriteFaultsTest {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private final Told told = new Told();

    /** What is said of the connection, in order; complete with its end. */
    private static final class Told extends ChannelInboundHandlerAdapter {
        private final List<Object> events = new ArrayList<>();
        private final CompletableFuture<List<Object>> complete = new CompletableFuture<>();

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable fault) {
            events.add(fault);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
            complete.complete(List.copyOf(events));
        }
    }

    @AfterEach
    void stop() throws Exception {
        loop.shutdownGracefully(0, 30, TimeUnit.SECONDS).get();
    }

    @Test
    void aReset_thatAWriteMeetsFirst_isTold() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel channel = connect(listener);
            Socket peer = listener.accept();
            // The loop is busy here, so that nobody reads between the reset and the write.
            loop.submit(() -> {
                        reset(peer);
                        write(channel);
                        return null;
                    })
                    .get();
            List<Object> events = told.complete.get(30, TimeUnit.SECONDS);
            assertThat(events).hasSize(2).last().isEqualTo("inactive");
            assertThat(events.get(0)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anEndInGoodOrder_isNoFault() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel channel = connect(listener);
            try (Socket peer = listener.accept()) {
                write(channel);
                assertThat(peer.getInputStream().read()).isEqualTo(1);
            }
            assertThat(told.complete.get(30, TimeUnit.SECONDS)).containsExactly("inactive");
        }
    }

    @Test
    void aWrite_toWhatIsClosedAlready_isNoFault() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel channel = connect(listener);
            loop.submit(() -> {
                        var unused = channel.close();
                        write(channel);
                    })
                    .get();
            assertThat(told.complete.get(30, TimeUnit.SECONDS)).containsExactly("inactive");
        }
    }

    private static void write(Channel channel) {
        var unused = channel.writeAndFlush(Unpooled.copiedBuffer(new byte[] {1}));
    }

    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private Channel connect(ServerSocket listener) throws InterruptedException {
        return new Bootstrap()
                .group(loop)
                .channelFactory(() -> {
                    Channel channel = Epoll.isAvailable() ? new EpollSocketChannel() : new NioSocketChannel();
                    channel.pipeline().addFirst(new WriteFaults());
                    return channel;
                })
                .handler(told)
                .connect(listener.getLocalSocketAddress())
                .sync()
                .channel();
    }
}
