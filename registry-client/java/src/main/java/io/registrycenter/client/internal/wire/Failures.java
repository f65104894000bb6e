package io.registrycenter.client.internal.wire;

import com.google.rpc.BadRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.registrycenter.client.CloseCause;
import io.registrycenter.client.RegistryException;
import io.registrycenter.client.RegistryException.Kind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the error of a unary call means: by status code and {@code ErrorInfo.reason}, never by text. */
public final class Failures {

    private static final String MUST = "must ";
    private static final String WAS = ", was \"";

    private Failures() {}

    public static RegistryException of(Status status, @Nullable Metadata trailers) {
        ErrorDetails details = ErrorDetails.of(status, trailers);
        String message = message(status);
        BadRequest.FieldViolation bad = details.badField();
        if (status.getCode() == Status.Code.INVALID_ARGUMENT && bad != null) {
            return invalid(message, bad);
        }
        CloseCause said = Ends.named(details.reason());
        CloseCause cause = said != null ? said : Ends.guess(status, true);
        return RegistryException.of(
                kind(status, details.reason(), cause), cause, message, details.metadata(), details.retryAfter());
    }

    /** The failure of a call for which something was thrown on this side: another try, or another server, may do better. */
    public static RegistryException thrown(Throwable fault) {
        StreamEnd end = Ends.thrown(fault);
        return RegistryException.of(Kind.UNAVAILABLE, end.cause(), end.detail(), Map.of(), null);
    }

    private static Kind kind(Status status, String reason, CloseCause cause) {
        if (reason.equals("NOT_HOLDER")) {
            return Kind.NOT_HOLDER;
        }
        if (cause == CloseCause.SESSION_EXPIRED) {
            return Kind.SESSION_EXPIRED;
        }
        if (cause == CloseCause.FENCED) {
            return Kind.FENCED;
        }
        return switch (status.getCode()) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> Kind.INVALID_INPUT;
            case RESOURCE_EXHAUSTED -> Kind.LIMIT_EXCEEDED;
            case PERMISSION_DENIED, UNAUTHENTICATED -> Kind.DENIED;
            case DEADLINE_EXCEEDED -> Kind.DEADLINE_EXCEEDED;
            case UNAVAILABLE, CANCELLED, ABORTED -> Kind.UNAVAILABLE;
            default -> Kind.SERVER_FAULT;
        };
    }

    /** The description is {@code must RULE, was "VALUE"}; one that is not is taken as the rule. */
    private static RegistryException invalid(String message, BadRequest.FieldViolation bad) {
        String text = bad.getDescription();
        int was = text.indexOf(WAS);
        if (!text.startsWith(MUST) || was < 0) {
            return RegistryException.invalidInput(message, bad.getField(), "", text);
        }
        String value = text.substring(was + WAS.length());
        if (value.endsWith("\"")) {
            value = value.substring(0, value.length() - 1);
        }
        return RegistryException.invalidInput(message, bad.getField(), value, text.substring(MUST.length(), was));
    }

    private static String message(Status status) {
        String text = status.getDescription();
        return text == null || text.isEmpty() ? status.getCode().name() : text;
    }
}
