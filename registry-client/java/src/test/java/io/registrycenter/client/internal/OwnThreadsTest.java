package io.registrycenter.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thread of the client has nothing of whoever made the client need it. */
@Timeout(60)
class OwnThreadsTest {

    private static final InheritableThreadLocal<String> INHERITED = new InheritableThreadLocal<>();

    @Test
    void newThread_askedForByAThreadWithABurden_isNeutral() throws Exception {
        OwnThreads threads = new OwnThreads("neutral");
        CompletableFuture<String> seen = new CompletableFuture<>();
        AtomicReference<Thread> made = new AtomicReference<>();
        ThreadGroup group = new ThreadGroup("the caller's");
        group.setMaxPriority(2);
        try (URLClassLoader loader = new URLClassLoader(new URL[0])) {
            Thread caller = new Thread(group, () -> {
                INHERITED.set("a secret of the caller");
                Thread thread = threads.newThread(() -> seen.complete(String.valueOf(INHERITED.get())));
                made.set(thread);
                thread.start();
            });
            caller.setContextClassLoader(loader);
            caller.setDaemon(false);
            caller.start();
            caller.join();
            Thread thread = made.get();
            assertThat(seen.get()).isEqualTo("null");
            assertThat(thread.getContextClassLoader()).isSameAs(OwnThreads.class.getClassLoader());
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
            assertThat(thread.getThreadGroup()).isNotSameAs(group);
            thread.join();
        }
    }
}
