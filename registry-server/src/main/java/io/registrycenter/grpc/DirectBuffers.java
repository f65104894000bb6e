package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.registrycenter.memory.OutOfMemory;

/**
 * The buffers of the gRPC server: Netty's own pool, sized as gRPC sizes it, but direct memory that is used up ends the process.
 * Netty throws an error then, which whoever asked for the buffer may catch and go on without its work done.
 */
final class DirectBuffers extends PooledByteBufAllocator {

    DirectBuffers() {
        super(
                true,
                defaultNumHeapArena(),
                defaultNumDirectArena(),
                defaultPageSize(),
                defaultMaxOrder(),
                defaultSmallCacheSize(),
                defaultNormalCacheSize(),
                defaultUseCacheForAllThreads());
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        try {
            return super.newDirectBuffer(initialCapacity, maxCapacity);
        } catch (OutOfMemoryError none) {
            OutOfMemory.endIfCause(none);
            throw none;
        }
    }
}
