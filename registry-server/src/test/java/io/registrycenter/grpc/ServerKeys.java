package io.registrycenter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A key for the server's TLS port, and its certificate, which nobody else has signed. Immutable. */
final class ServerKeys {

    private static final String PASSWORD = "changeit";
    private static final long DEADLINE_S = 20;

    private final Path keys;
    private final Path certificate;

    /** Makes them in this directory. */
    ServerKeys(Path directory) throws IOException, InterruptedException {
        keys = directory.resolve("keys.p12");
        certificate = directory.resolve("certificate.pem");
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1");
        keytool("-exportcert", "-rfc", "-file", certificate.toString());
    }

    /** What makes a server use them. */
    String[] settings() {
        return new String[] {
            "--spring.ssl.bundle.jks.registry.keystore.location=file:" + keys,
            "--spring.ssl.bundle.jks.registry.keystore.password=" + PASSWORD,
            "--spring.grpc.server.ssl.bundle=registry"
        };
    }

    /** As PEM. */
    Path certificate() {
        return certificate;
    }

    /** A store that trusts the certificate and nothing else. */
    KeyStore trusted() throws IOException, GeneralSecurityException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            own.load(in, PASSWORD.toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", own.getCertificate("server"));
        return trusted;
    }

    private void keytool(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(
                List.of(System.getProperty("java.home") + "/bin/keytool", command[0], "-alias", "server"));
        line.addAll(List.of(command).subList(1, command.length));
        line.addAll(List.of("-keystore", keys.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process keytool = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
    }
}
