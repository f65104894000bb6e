package io.registrycenter.grpc;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import io.registrycenter.memory.OutOfMemory;

/**
 * The buffers of the gRPC server: Netty's own pool, sized as gRPC sizes it, but direct memory that is used up ends the process.
 * Netty throws an error then, which whoever asked for the buffer may catch and go on without its work done.
 *
 * <p>Long before that, above {@link #most}, nothing large is begun any more and slow readers give back what they hold. Any
 * thread.
 */
final class DirectBuffers extends PooledByteBufAllocator {

    /** The other half is for what is under way, and for what a pool cannot use of its chunks. */
    private static final int USED_SHARE = 2;

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

    /** Bytes in use: of requests that are being read, and of answers that the sockets have not taken. */
    long used() {
        return pinnedDirectMemory();
    }

    /** What may be in use before something is done about it. */
    static long most() {
        return PlatformDependent.maxDirectMemory() / USED_SHARE;
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
