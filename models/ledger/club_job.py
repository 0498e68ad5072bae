"""Work through many records in batches, each in a transaction of its own."""

import logging
import random
import time

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from psycopg2 import OperationalError, errors

_logger = logging.getLogger(__name__)

TRIES = 5
RETRIED = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    ConcurrencyError,
)


class ClubJob(models.AbstractModel):
    """What the club's scheduled jobs have in common.

    A job is a pair of functions: ``find`` says what to do next and locks it, ``work`` does it. Example::

        def _cron_thank(self):
            return self.env["club.job"]._work_off(
                "thank members",
                find=lambda limit, skip: self._lock_members_to_thank(limit, skip),
                work=lambda ids: self.env["club.member"].browse(ids)._thank(),
                count=lambda: self._count_members_to_thank(),
            )

    What ``work`` has done must make ``find`` leave it out the next time: then the job can be killed at any moment and
    goes on where it stopped.
    """

    _name = "club.job"
    _description = "Club Job"

    @api.model
    def _work_off(self, name, find, work, count=None, size=500):
        """Work off everything that ``find`` finds, batch by batch, and commit each batch with its progress.

        Crons are not retried as requests are: a batch that meets another transaction is rolled back and repeated here.
        A batch that fails for another reason is repeated in halves, and what fails alone is left out and logged, so
        that one bad record never stops the rest, and among ten thousand is found in some twenty steps.

        :param str name: for the log.
        :param find: function of (limit, ids to skip); returns the ids of the next batch. Its first statement must lock
            them in id order: the transaction then sees everything that was committed before the lock.
        :param work: function of the ids; raises on failure.
        :param count: function that tells how much there is to do, for the progress of the job.
        :param int size: most ids in a batch.
        :return: (number of ids worked off, ids that failed); fewer than there were if the job's time is up.
        """
        cron = self.env["ir.cron"]
        done, failed, suspects = 0, [], 0
        seconds_left = cron._commit_progress(remaining=count() if count else 1)
        while seconds_left > 0:
            ids, error = self._run_batch(find, work, max(suspects // 2, 1) if suspects else size, failed)
            if not ids:
                cron._commit_progress(remaining=0)
                break
            if error is None:
                suspects = max(suspects - len(ids), 0)
                done += len(ids)
                seconds_left = cron._commit_progress(len(ids), remaining=None if count else 1)
            elif len(ids) > 1:
                _logger.warning("%s: a batch of %s failed, its halves are tried: %s", name, len(ids), error)
                suspects = len(ids)
            else:
                _logger.error("%s: %s was left out: %s", name, ids[0], error, exc_info=error)
                failed.append(ids[0])
                suspects = max(suspects - 1, 0)
        return done, failed

    @api.model
    def _run_batch(self, find, work, limit, skip):
        """Find and work one batch; roll back and repeat it while other transactions are in the way.

        :return: (ids, ``None``), or (ids, the error) with everything rolled back.
        """
        for attempt in range(1, TRIES + 1):
            ids = ()
            try:
                ids = find(limit, skip)
                if ids:
                    work(ids)
                    self.env.cr.flush()
            except RETRIED as error:
                self._roll_back()
                if attempt == TRIES:
                    raise
                _logger.info("a batch met another transaction (%s), attempt %s", type(error).__name__, attempt)
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
            except OperationalError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the other records must not wait for it
                if not ids:
                    raise
                self._roll_back()
                return ids, error
            else:
                return ids, None
        raise AssertionError("unreachable")

    @api.model
    def _roll_back(self):
        self.env.cr.rollback()
        self.env.transaction.reset()
        self.env.registry.reset_changes()
