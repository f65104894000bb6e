package io.registrycenter.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One watch call by a gRPC client that is not Java's, in a process of its own. Driven by one thread. */
final class OtherClient implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;
    private static final Path SCRIPTS = Path.of("src/test/clients");
    private static final Path NODE_MODULES = Path.of("../target/ci/node/node_modules");
    private static final Path PROTOS = Path.of("../proto/src/main/proto");

    /** Which client. */
    enum Language {
        NODE,
        PYTHON
    }

    /**
     * How a call ended, as its client sees it.
     *
     * @param code of gRPC
     */
    record End(int code, String message, Status details) {

        /** The detail of this type. */
        <T extends Message> T detail(Class<T> type) throws InvalidProtocolBufferException {
            for (Any any : details.getDetailsList()) {
                if (any.is(type)) {
                    return any.unpack(type);
                }
            }
            throw new AssertionError("no " + type.getSimpleName() + " in " + this);
        }
    }

    private final Process process;
    private final BufferedReader said;

    private OtherClient(Process process) {
        this.process = process;
        this.said = process.inputReader();
    }

    /** What is missing on this machine; null: nothing. */
    static @Nullable String missing(Language language) throws InterruptedException {
        return switch (language) {
            case NODE ->
                Files.isDirectory(NODE_MODULES) && succeeds("node", "--version")
                        ? null
                        : "needs Node.js and its gRPC client, which .ci/prepare installs";
            case PYTHON -> python() == null ? "needs python3-grpcio, which .ci/prepare installs" : null;
        };
    }

    /** The first of the interpreters that has the client. */
    private static @Nullable String python() throws InterruptedException {
        for (String candidate : List.of("/usr/bin/python3", "python3")) {
            if (succeeds(candidate, "-c", "import grpc")) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    /** @param options of its channel, as JSON */
    static OtherClient watch(Language language, int port, String options) throws IOException, InterruptedException {
        String target = "127.0.0.1:" + port;
        List<String> command = new ArrayList<>();
        switch (language) {
            case NODE ->
                command.addAll(List.of(
                        "node",
                        SCRIPTS.resolve("call.js").toString(),
                        NODE_MODULES.toRealPath().toString(),
                        PROTOS.toRealPath().toString(),
                        target));
            case PYTHON ->
                command.addAll(List.of(
                        String.valueOf(python()),
                        SCRIPTS.resolve("call.py").toString(),
                        target,
                        Base64.getEncoder().encodeToString(Client.hello().toByteArray())));
        }
        command.add(options);
        return new OtherClient(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    void awaitOpen() {
        String line = line();
        if (!"open".equals(line)) {
            throw new AssertionError("the client said: " + line);
        }
    }

    /** Waits for the end of the call. */
    End end() throws InvalidProtocolBufferException {
        String line = line();
        while ("open".equals(line)) {
            line = line();
        }
        if (line == null) {
            throw new AssertionError("the client ended without a word");
        }
        JsonNode end = new JsonMapper().readTree(line);
        return new End(
                end.get("code").asInt(),
                end.get("message").asString(),
                Status.parseFrom(Base64.getDecoder().decode(end.get("details").asString())));
    }

    private @Nullable String line() {
        return CompletableFuture.supplyAsync(() -> {
                    try {
                        return said.readLine();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
