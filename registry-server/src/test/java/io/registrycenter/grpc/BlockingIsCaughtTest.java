package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The live tests prove that nothing blocks an event loop only if blocking there is caught; this proves that it is. */
class BlockingIsCaughtTest {

    @Test
    void waitingOnAnEventLoopThread_isAnError() throws Exception {
        CompletableFuture<Boolean> blocked = new CompletableFuture<>();
        Thread loop = new DefaultThreadFactory("registry-grpc", true).newThread(() -> {
            try {
                blocked.complete(new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS));
            } catch (InterruptedException unexpected) {
                blocked.completeExceptionally(unexpected);
            } catch (Error caught) {
                blocked.completeExceptionally(caught);
            }
        });
        loop.start();
        loop.join();

        Throwable error = blocked.handle((result, failure) -> failure).get();
        assertThat(error).isInstanceOf(reactor.blockhound.BlockingOperationError.class);
    }
}
