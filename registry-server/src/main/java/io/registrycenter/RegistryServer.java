package io.registrycenter;

import io.registrycenter.config.DirectMemory;
import io.registrycenter.config.StartFailure;
import io.registrycenter.config.StoreOperation;
import io.registrycenter.memory.OutOfMemory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The server process. Ends with 0 after an orderly stop; a start that fails ends with the code that
 * {@code docs/configuration.md} lists.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class RegistryServer {

    public static void main(String[] args) {
        OutOfMemory.endByUncaught();
        DirectMemory.limit();
        if (StoreOperation.isAsked(args)) {
            System.exit(StoreOperation.run(args, System.out, System.err));
        }
        try {
            SpringApplication.run(RegistryServer.class, args);
            // Asked to stop by a signal, the JVM would end with 128 + its number, however orderly that was. Runs last,
            // when the
            // context is closed.
            SpringApplication.getShutdownHandlers()
                    .add(() -> Runtime.getRuntime().halt(0));
        } catch (RuntimeException failure) {
            OutOfMemory.endIfCause(failure);
            System.exit(StartFailure.exitCode(failure));
        }
    }
}
