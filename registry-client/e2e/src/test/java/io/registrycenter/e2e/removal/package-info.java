/** Who is dead goes in bounded time; who is not stays. */
package io.registrycenter.e2e.removal;
