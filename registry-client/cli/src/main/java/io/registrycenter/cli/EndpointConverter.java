package io.registrycenter.cli;

import io.registrycenter.client.Endpoint;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads `name=host:port`; an IPv6 address stands in brackets, so that its port can be told apart. The registry checks the rest. */
final class EndpointConverter implements ITypeConverter<Endpoint> {

    private static final Pattern FORM =
            Pattern.compile("([^=]+)=(?:\\[([0-9A-Fa-f:.%]+)]|([^\\s:/@\\[\\]]+)):([0-9]{1,5})");
    private static final int MAX_PORT = 65_535;

    @Override
    public Endpoint convert(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException("\"" + text + "\" is not NAME=HOST:PORT, such as grpc=10.0.0.7:8080 or"
                    + " grpc=[2001:db8::7]:8080");
        }
        int port = Integer.parseInt(parts.group(4));
        if (port < 1 || port > MAX_PORT) {
            throw new TypeConversionException("\"" + text + "\" has no port of 1.." + MAX_PORT);
        }
        String host = parts.group(2) == null ? parts.group(3) : parts.group(2);
        return new Endpoint(parts.group(1), host, port, false);
    }
}
