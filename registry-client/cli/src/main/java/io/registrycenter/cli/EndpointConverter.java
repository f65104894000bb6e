package io.registrycenter.cli;

import io.registrycenter.client.Endpoint;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads `name=host:port`; the host may be an IPv6 address in brackets. The registry checks the values. */
final class EndpointConverter implements ITypeConverter<Endpoint> {
    @Override
    public Endpoint convert(String text) {
        int equals = text.indexOf('=');
        int colon = text.lastIndexOf(':');
        if (equals < 1 || colon < equals + 2 || colon + 1 == text.length()) {
            throw new TypeConversionException("\"" + text + "\" is not NAME=HOST:PORT");
        }
        String host = text.substring(equals + 1, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new Endpoint(text.substring(0, equals), host, Integer.parseInt(text.substring(colon + 1)), false);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("\"" + text.substring(colon + 1) + "\" is not a port number");
        }
    }
}
