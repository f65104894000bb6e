package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.TimeUnit;

/** Buffers taken on an event loop until there are no more. */
public final class DirectMemoryUsedUp {

    private DirectMemoryUsedUp() {}

    public static void allocateOnALoop() {
        DirectBuffers buffers = new DirectBuffers();
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        loops.next()
                .submit(() -> {
                    ByteBuf[] kept = new ByteBuf[1 << 20];
                    for (int i = 0; i < kept.length; i++) {
                        kept[i] = buffers.directBuffer(1 << 20);
                    }
                })
                .awaitUninterruptibly(30, TimeUnit.SECONDS);
    }
}
