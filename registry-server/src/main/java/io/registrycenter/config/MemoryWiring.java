package io.registrycenter.config;

import io.registrycenter.memory.Heap;
import io.registrycenter.memory.MemoryBudget;
import io.registrycenter.observe.MemoryHealth;
import io.registrycenter.view.View;
import io.registrycenter.watch.Hub;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Divides the memory there is, and watches over the parts. */
@Configuration(proxyBeanMethods = false)
class MemoryWiring {

    MemoryWiring() {
        OutOfMemoryInLog.install();
    }

    @Bean
    DirectMemory directMemory() {
        return DirectMemory.inEffect();
    }

    @Bean
    MemoryBudget memoryBudget(Settings settings, DirectMemory direct) {
        return MemoryRules.budget(Runtime.getRuntime().maxMemory(), direct, settings);
    }

    @Bean
    MemoryWatch memoryWatch(MemoryBudget budget, Settings settings, Hub hub, View view) {
        int copies =
                settings.registry().store() == RegistryProperties.Engine.EMBEDDED ? MemoryWatch.COPIES_EMBEDDED : 1;
        return new MemoryWatch(budget, copies, hub, view, new Heap()::sample, System::nanoTime);
    }

    /** Named {@code memory} in the health endpoint; no part of readiness. */
    @Bean
    MemoryHealth memoryHealthIndicator(MemoryWatch memory) {
        return new MemoryHealth(memory::facts);
    }
}
