package io.registrycenter.client;

/**
 * Where an instance can be reached. The server checks the rules.
 *
 * @param name unique inside its instance, 1..64 characters
 * @param host host name or address, 1..253 characters
 * @param port 1..65535
 * @param tls whether it speaks TLS
 */
public record Endpoint(String name, String host, int port, boolean tls) {}
