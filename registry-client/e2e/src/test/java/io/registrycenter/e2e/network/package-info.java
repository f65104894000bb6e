/** What networks and their machines do to streams: idle timers of proxies, and cuts of all at once. */
package io.registrycenter.e2e.network;
