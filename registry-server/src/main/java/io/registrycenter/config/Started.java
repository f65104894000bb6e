package io.registrycenter.config;

import io.registrycenter.memory.MemoryBudget;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.stereotype.Component;

/** Says in one line what runs where, and how to change where the data is. */
@Component
class Started {

    private static final Logger log = LoggerFactory.getLogger(Started.class);

    private final Settings settings;
    private final Environment environment;
    private final GrpcServerLifecycle grpc;
    private final ObjectProvider<BuildProperties> build;
    private final MemoryBudget memory;
    private final DirectMemory direct;

    Started(
            Settings settings,
            Environment environment,
            GrpcServerLifecycle grpc,
            ObjectProvider<BuildProperties> build,
            MemoryBudget memory,
            DirectMemory direct) {
        this.settings = settings;
        this.environment = environment;
        this.grpc = grpc;
        this.build = build;
        this.memory = memory;
        this.direct = direct;
    }

    @EventListener
    void ready(ApplicationReadyEvent event) {
        BuildProperties version = build.getIfAvailable();
        Duration taken = event.getTimeTaken();
        log.info(
                "Registry Center {} · gRPC {}:{} · HTTP {}:{} · {} · ready in {} s",
                version == null ? "(not packaged)" : version.getVersion(),
                environment.getProperty("spring.grpc.server.address", "*"),
                grpc.getPort(),
                environment.getProperty("server.address", "*"),
                environment.getProperty("local.server.port", "-"),
                switch (settings.registry().store()) {
                    case EMBEDDED -> "data " + settings.registry().dataDir() + " (registry.data-dir)";
                    case ETCD -> settings.etcd();
                },
                taken == null ? "?" : String.format(Locale.ROOT, "%.1f", taken.toMillis() / 1_000.0));
        log.info(
                "Memory: heap {}, of it history and snapshots {}, commits that wait {}, newest commits {}"
                        + " (registry.memory.fraction={}), instances and sessions {}; direct memory: gRPC {}, HTTP {}",
                MemoryRules.mb(memory.heap()),
                MemoryRules.mb(memory.history()),
                MemoryRules.mb(memory.waitingCommits()),
                MemoryRules.mb(memory.newestCommits()),
                settings.memory().fraction(),
                MemoryRules.mb(memory.view()),
                MemoryRules.mb(direct.grpc()),
                MemoryRules.mb(direct.http()));
    }
}
