package io.registrycenter.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A key and a certificate that it signed itself, so that it is its own authority, as PEM files.
 *
 * @param certificate also what to trust
 * @param key PKCS#8
 */
record TestCertificates(Path certificate, Path key) {

    private static final String PASSWORD = "changeit";
    private static final long DEADLINE_S = 20;

    static TestCertificates make(Path directory, String name) throws IOException, GeneralSecurityException {
        Path keys = directory.resolve(name + ".p12");
        Path certificate = directory.resolve(name + ".pem");
        keytool(
                keys,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-ext",
                "bc=ca:true");
        keytool(keys, "-exportcert", "-rfc", "-file", certificate.toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        byte[] key = store.getKey("own", PASSWORD.toCharArray()).getEncoded();
        Path pem = Files.writeString(
                directory.resolve(name + "-key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                        + "\n-----END PRIVATE KEY-----\n");
        return new TestCertificates(certificate, pem);
    }

    private static void keytool(Path keys, String... command) throws IOException {
        List<String> line =
                new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/keytool", command[0], "-alias", "own"));
        line.addAll(List.of(command).subList(1, command.length));
        line.addAll(List.of("-keystore", keys.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process keytool = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(keytool.waitFor(DEADLINE_S, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(keytool.exitValue()).isZero();
    }
}
