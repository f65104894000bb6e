package io.registrycenter;

import io.registrycenter.config.StartFailure;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The server process. Ends with 0 after an orderly stop; a start that fails ends with the code that
 * {@code docs/configuration.md} lists.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class RegistryServer {

    public static void main(String[] args) {
        try {
            SpringApplication.run(RegistryServer.class, args);
        } catch (RuntimeException failure) {
            System.exit(StartFailure.exitCode(failure));
        }
    }
}
