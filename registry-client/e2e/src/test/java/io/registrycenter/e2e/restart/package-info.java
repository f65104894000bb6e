/** A server that stops, or is killed, and comes back: nobody notices. */
package io.registrycenter.e2e.restart;
