/** More connections than a server serves: the crowd, and how it felt to those inside. */
package io.registrycenter.e2e.overload;
