/** What stands between clients and servers and can break: relays and proxies. Uses {@code process}. */
package io.registrycenter.e2e.fault;
