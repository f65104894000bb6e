package io.registrycenter.http;

import io.registrycenter.catalog.Refusal.InvalidInput;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What the operators' endpoints do the same way. Nothing here blocks. */
final class Operators {

    /** Longer than any server that still works needs. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int SHOWN_CHARACTERS = 64;

    private Operators() {}

    /** An answer that is made on other threads; written on none of those, and not waited for without end. */
    static <T> Mono<T> answer(Supplier<CompletableFuture<T>> work) {
        return Mono.defer(() -> Mono.fromFuture(work.get()))
                .timeout(PATIENCE)
                .onErrorMap(
                        TimeoutException.class,
                        late -> new ResponseStatusException(
                                HttpStatus.SERVICE_UNAVAILABLE,
                                "The streams did not answer within " + PATIENCE.toSeconds()
                                        + " s: this server stops, or is stuck."))
                .publishOn(Schedulers.parallel());
    }

    /** @throws InvalidInput outside of 1..most */
    static int limit(@Nullable Integer asked, int usual, int most) {
        int limit = asked == null ? usual : asked;
        if (limit < 1 || limit > most) {
            throw new InvalidInput("limit", Integer.toString(limit), "be 1.." + most);
        }
        return limit;
    }

    /** @throws InvalidInput when the text names none of the choices; case does not matter */
    static <E extends Enum<E>> E choice(String parameter, String text, Class<E> choices) {
        for (E choice : choices.getEnumConstants()) {
            if (choice.name().equalsIgnoreCase(text)) {
                return choice;
            }
        }
        throw new InvalidInput(
                parameter,
                text,
                "be one of "
                        + Arrays.stream(choices.getEnumConstants())
                                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")));
    }

    /** What a caller sent, cut to what an answer may repeat. */
    static String shown(String text) {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }
}
