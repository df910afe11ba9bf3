/* account - what is wrong with the account of a submission, as far as session and addresses tell; hangu-authd's own
 * facts come with the envelope. Pure functions. */
#pragma once
#include "message.h"
#include "settings.h"

/* Whether hangu-authd is asked about this session: it is authenticated, or came by a submission listener
 * (mail.submission_listeners); never at egress nor by sendmail(1). */
gboolean account_is_asked(const Envelope *envelope, const Settings *settings);

/* Problems of the session (SubmitterProblem bits): authentication, mechanism, TLS. A registered device and, as to
 * authentication, a client of mail.local_networks has none; on loopback nothing is in clear. Without TLS one word is
 * told: clear-password if the mechanism showed a password, else no-tls. */
guint account_session_problems(const Envelope *envelope, const Submitter *facts, const Settings *settings);

/* Whether the account may send as this address (any form), compared without tag, SRS and BATV (address.h). */
gboolean account_owns(const Submitter *facts, const char *address, const char *delimiter);

/* SUBMITTER_SENDER_NOT_OWNED or 0: the envelope's sender unless null and, if `message` is not NULL, every mailbox of
 * From and Sender against the addresses of a known account. Nothing is said of devices, of accounts unknown or without
 * any address (an administrator's), and of mailboxes that are only a name. */
guint account_sender_problems(const Envelope *envelope, const Message *message, const Settings *settings);

/* Whether a submission cannot claim an exemption by its sender (PolicyFacts): facts are there, and they do not say
 * that the envelope's sender is the account's own. */
gboolean account_sender_unproven(const Envelope *envelope, const Settings *settings);
