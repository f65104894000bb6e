/** What the README promises a new user, done as the README says. */
package io.registrycenter.e2e.tour;
