"""Who may speak for a session: its number alone proves nothing."""

import unittest

from relevo_process import RelevoTest
from relevo_wire import Connection, Refused, decode_frame, encode_frame


class Sessions(RelevoTest):
    def ask(self, connection, **fields):
        return decode_frame(connection.exchange(encode_frame("heartbeat", **fields)))[0]

    def assert_not_believed(self, connection, **fields):
        with self.assertRaises(Refused) as refused:
            self.ask(connection, **fields)
        self.assertEqual(refused.exception.status, "unknown_session")
        self.assertEqual(refused.exception.detail, "say hello on this connection, or send the token")

    def test_the_connection_that_said_hello_needs_no_token(self):
        web = self.broker().connector()
        self.assertEqual(self.ask(web.connection, session=web.session), "alive")

    def test_a_guessed_session_number_is_not_believed(self):
        relevod = self.broker()
        web, stranger = relevod.connector(), Connection(relevod.url)
        self.assert_not_believed(stranger, session=web.session)
        self.assert_not_believed(stranger, session=web.session, token="guess")
        stranger.close()

    def test_the_token_of_another_principal_does_not_help(self):
        relevod = self.broker()
        web, ana = relevod.connector(), relevod.agent("ana")
        self.assert_not_believed(ana.connection, session=web.session)
        self.assert_not_believed(ana.connection, session=web.session, token=ana.token)

    def test_another_connection_is_believed_with_the_token_and_then_without(self):
        relevod = self.broker()
        web, other = relevod.connector(), Connection(relevod.url)
        self.assertEqual(self.ask(other, session=web.session, token=web.token), "alive")
        self.assertEqual(self.ask(other, session=web.session), "alive")
        other.close()

    def test_after_a_restart_the_token_brings_the_session_back(self):
        relevod = self.broker()
        web = relevod.connector()
        relevod.kill()
        relevod.start()
        web.reconnect()
        self.assert_not_believed(web.connection, session=web.session)
        self.assertEqual(self.ask(web.connection, session=web.session, token=web.token), "alive")


if __name__ == "__main__":
    unittest.main()
