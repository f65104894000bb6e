package io.registrycenter.catalog;

/**
 * Who is calling: shown to operators, never trusted.
 *
 * @param name application or library, at most 64 characters
 * @param version at most 64 characters
 * @param instance which of its processes, at most 128 characters
 */
public record ClientInfo(String name, String version, String instance) {

    public static final ClientInfo UNKNOWN = new ClientInfo("", "", "");
}
